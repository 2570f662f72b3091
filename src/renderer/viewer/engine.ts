import { cache, Enums, init, RenderingEngine, type Types, volumeLoader } from '@cornerstonejs/core';
import type { Grid } from '../../core/volume/grid.ts';

/** The one place that knows cornerstone3D: volumes in, viewports out. */

const ENGINE_ID = 'tandem';
/** The viewer keeps what is shown and nothing else; a volume beyond this is refused with a message. */
const MOST_BYTES = 6 * 1024 ** 3;

let engine: RenderingEngine | undefined;

/** Starts the viewer at its first use. */
function start(): RenderingEngine {
  if (engine !== undefined) return engine;
  // One WebGL context: volumes then share their texture between the three planes.
  init({ rendering: { webGlContextCount: 1 }, debug: {} });
  cache.setMaxCacheSize(MOST_BYTES);
  engine = new RenderingEngine(ENGINE_ID);
  return engine;
}

/** Puts voxels into the viewer's memory under a name; `free` takes them out again. */
export function addVolume(key: string, grid: Grid, voxels: Int16Array | Float32Array): () => void {
  start();
  const [iAxis, jAxis, kAxis] = grid.axesLps;
  const volume = volumeLoader.createLocalVolume(key, {
    scalarData: voxels,
    dimensions: [...grid.size],
    spacing: [...grid.spacingMm],
    origin: [...grid.originLps],
    direction: [...iAxis, ...jAxis, ...kAxis],
    metadata: {
      BitsAllocated: voxels.BYTES_PER_ELEMENT * 8,
      BitsStored: voxels.BYTES_PER_ELEMENT * 8,
      SamplesPerPixel: 1,
      HighBit: voxels.BYTES_PER_ELEMENT * 8 - 1,
      PhotometricInterpretation: 'MONOCHROME2',
      PixelRepresentation: 1,
      Modality: 'MR',
      ImageOrientationPatient: [...iAxis, ...jAxis],
      PixelSpacing: [grid.spacingMm[1], grid.spacingMm[0]],
      FrameOfReferenceUID: 'patient',
      Columns: grid.size[0],
      Rows: grid.size[1],
      voiLut: [],
      VOILUTFunction: 'LINEAR',
    },
  });
  return () => {
    const { imageIds } = volume;
    for (const viewport of engine?.getViewports() ?? []) {
      if ((viewport as Types.IVolumeViewport).getAllVolumeIds().includes(key)) viewport.removeAllActors();
    }
    volume.vtkOpenGLTexture?.delete();
    if (cache.getVolumeLoadObject(key) !== undefined) cache.removeVolumeLoadObject(key);
    for (const imageId of imageIds) {
      if (cache.getImage(imageId) !== undefined) cache.removeImageLoadObject(imageId, { force: true });
    }
  };
}

/** What a viewport is to show. */
export interface Picture {
  readonly key: string;
  readonly camera: ReturnType<typeof import('./camera.ts').cornerstoneCamera>;
  readonly lower: number;
  readonly upper: number;
  readonly smooth: boolean;
}

/** One viewport of the engine, bound to an element on the page. */
export interface ViewportHandle {
  readonly show: (picture: Picture | undefined) => void;
  readonly resize: () => void;
  readonly destroy: () => void;
}

const pending = new Set<string>();
let scheduled = false;

/** Draws the viewports that changed, once a frame. */
function requestRender(id: string): void {
  pending.add(id);
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(() => {
    scheduled = false;
    const ids = [...pending].filter((pendingId) => engine?.getViewport(pendingId) !== undefined);
    pending.clear();
    if (ids.length > 0) engine?.renderViewports(ids);
  });
}

/** Makes a viewport that fills `element`; black until there is a picture. */
export function createViewport(id: string, element: HTMLDivElement): ViewportHandle {
  const owner = start();
  owner.enableElement({
    viewportId: id,
    element,
    type: Enums.ViewportType.ORTHOGRAPHIC,
    defaultOptions: { orientation: Enums.OrientationAxis.AXIAL, background: [0, 0, 0] },
  });
  const viewport = owner.getViewport(id) as Types.IVolumeViewport;
  let shown: string | undefined;
  let wanted: Picture | undefined;
  let busy = false;

  const apply = (picture: Picture): void => {
    viewport.setCamera(picture.camera);
    viewport.setProperties({
      voiRange: { lower: picture.lower, upper: picture.upper },
      interpolationType: picture.smooth ? Enums.InterpolationType.LINEAR : Enums.InterpolationType.NEAREST,
    });
    requestRender(id);
  };

  const update = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      while (wanted !== undefined && wanted.key !== shown) {
        const { key } = wanted;
        if (cache.getVolume(key) === undefined) return;
        await viewport.setVolumes([{ volumeId: key }], false, true);
        shown = key;
      }
    } finally {
      busy = false;
    }
    if (wanted === undefined) return;
    apply(wanted);
    // cornerstone leaves some viewports black after new volumes until they are drawn a second time.
    requestAnimationFrame(() => requestRender(id));
  };

  return {
    show: (picture) => {
      wanted = picture;
      if (picture === undefined) {
        if (shown !== undefined) viewport.removeAllActors();
        shown = undefined;
        requestRender(id);
      } else if (picture.key === shown && !busy) apply(picture);
      else void update();
    },
    resize: () => {
      owner.resize(false, true);
      if (wanted !== undefined && wanted.key === shown) apply(wanted);
      requestRender(id);
    },
    destroy: () => {
      wanted = undefined;
      pending.delete(id);
      owner.disableElement(id);
    },
  };
}
