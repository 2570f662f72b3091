import { cache, Enums, init, RenderingEngine, type Types, volumeLoader } from '@cornerstonejs/core';
import type { Grid } from '../../core/volume/grid.ts';

/** The one place that knows cornerstone3D: volumes in, viewports out. */

const ENGINE_ID = 'tandem';
/** The viewer keeps what is shown and nothing else; a volume beyond this is refused with a message. */
const MOST_BYTES = 6 * 1024 ** 3;

let engine: RenderingEngine | undefined;
let isInitialised = false;

/** Starts the viewer at its first use. */
function start(): RenderingEngine {
  if (engine !== undefined) return engine;
  if (!isInitialised) {
    // One WebGL context: volumes then share their texture between the three planes.
    init({ rendering: { webGlContextCount: 1 }, debug: {} });
    cache.setMaxCacheSize(MOST_BYTES);
    isInitialised = true;
  }
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
    releaseTexture(volume);
    if (cache.getVolumeLoadObject(key) !== undefined) cache.removeVolumeLoadObject(key);
    for (const imageId of imageIds) {
      if (cache.getImage(imageId) !== undefined) cache.removeImageLoadObject(imageId, { force: true });
    }
  };
}

/**
 * Gives back a volume's texture and its texture unit, of which there are few. vtk.js does so only when it is told
 * of which window: by itself, `delete` leaves both where they are, and after some volumes pictures stay black.
 */
function releaseTexture(volume: Types.IImageVolume): void {
  // Its type leaves the window out.
  const texture = volume.vtkOpenGLTexture as
    | { releaseGraphicsResources(window: unknown): void; delete(): void }
    | undefined;
  const [viewport] = engine?.getViewports() ?? [];
  if (viewport !== undefined && engine !== undefined) {
    const drawing = engine.getOffscreenMultiRenderWindow(viewport.id);
    texture?.releaseGraphicsResources(drawing.getOpenGLRenderWindow());
  }
  texture?.delete();
}

/** Says that slices of a volume have other voxels now: they are sent to the graphics memory again. */
export function slicesChanged(key: string, slices: readonly number[]): void {
  const volume = cache.getVolume(key);
  if (volume === undefined) return;
  for (const k of slices) volume.vtkOpenGLTexture?.setUpdatedFrame(k);
  volume.modified();
  for (const viewport of engine?.getViewports() ?? []) {
    if ((viewport as Types.IVolumeViewport).getAllVolumeIds().includes(key)) requestRender(viewport.id);
  }
}

/** What a viewport is to show. */
export interface Picture {
  readonly key: string;
  readonly camera: ReturnType<typeof import('./camera.ts').cornerstoneCamera>;
  readonly lower: number;
  readonly upper: number;
  /** As `colourTable` makes it. */
  readonly colours: Uint8Array;
  readonly smooth: boolean;
}

/** One viewport of the engine, bound to an element on the page. */
export interface ViewportHandle {
  readonly show: (picture: Picture | undefined) => void;
  readonly resize: () => void;
  readonly destroy: () => void;
}

/** Draws a viewport with the next frame; the engine draws all that changed by then together. */
function requestRender(id: string): void {
  if (engine?.getViewport(id) !== undefined) engine.renderViewports([id]);
}

/**
 * What the engine draws with (shaders, small textures, buffers of its drawing context) it keeps for viewports
 * that are gone: with the last of them it ends, and the next study begins with another.
 */
function endWhenEmpty(owner: RenderingEngine): void {
  setTimeout(() => {
    // Textures of volumes that are still held live in its drawing context.
    if (engine !== owner || owner.getViewports().length > 0 || cache.getVolumes().length > 0) return;
    engine = undefined;
    owner.destroy();
  });
}

const resized = new Set<() => void>();

/** All viewports lie on one canvas of the engine: it takes their new sizes once, however many changed. */
function requestResize(owner: RenderingEngine, then: () => void): void {
  resized.add(then);
  if (resized.size > 1) return;
  queueMicrotask(() => {
    const after = [...resized];
    resized.clear();
    if (engine !== owner) return;
    owner.resize(false, true);
    for (const next of after) next();
    // The engine clears every canvas when one of them comes, goes or changes its size.
    owner.render();
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
  let applied: Picture | undefined;

  const apply = (picture: Picture): void => {
    const before = applied;
    if (before !== undefined && samePicture(before, picture)) return;
    applied = picture;
    if (before === undefined || !sameCamera(before.camera, picture.camera))
      viewport.setCamera(picture.camera);
    const coloursChanged =
      before?.lower !== picture.lower || before.upper !== picture.upper || before.colours !== picture.colours;
    if (coloursChanged) setColours(viewport, picture);
    if (before?.smooth !== picture.smooth) {
      viewport.setProperties({
        interpolationType: picture.smooth ? Enums.InterpolationType.LINEAR : Enums.InterpolationType.NEAREST,
      });
    }
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
        applied = undefined;
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
      // Its volume was freed; another may have come in under the same name.
      if (shown !== undefined && !busy && viewport.getActors().length === 0) shown = undefined;
      if (picture === undefined) {
        if (shown !== undefined) {
          viewport.removeAllActors();
          requestRender(id);
        }
        shown = undefined;
        applied = undefined;
      } else if (picture.key === shown && !busy) apply(picture);
      else void update();
    },
    resize: () => {
      requestResize(owner, () => {
        applied = undefined;
        if (wanted !== undefined && wanted.key === shown) apply(wanted);
        requestRender(id);
      });
    },
    destroy: () => {
      wanted = undefined;
      shown = undefined;
      owner.disableElement(id);
      endWhenEmpty(owner);
    },
  };
}

function samePicture(a: Picture, b: Picture): boolean {
  return (
    a.key === b.key &&
    a.lower === b.lower &&
    a.upper === b.upper &&
    a.colours === b.colours &&
    a.smooth === b.smooth &&
    sameCamera(a.camera, b.camera)
  );
}

function sameCamera(a: Picture['camera'], b: Picture['camera']): boolean {
  const same = (p: readonly number[], q: readonly number[]): boolean => p.every((x, n) => x === q[n]);
  return (
    a.parallelScale === b.parallelScale &&
    same(a.focalPoint, b.focalPoint) &&
    same(a.position, b.position) &&
    same(a.viewUp, b.viewUp)
  );
}

/** Window and colours as one transfer function: cornerstone's own ways keep state of colours and inversion. */
function setColours(viewport: Types.IVolumeViewport, { lower, upper, colours }: Picture): void {
  const [entry] = viewport.getActors();
  if (entry === undefined) return;
  const last = colours.length / 3 - 1;
  // Every point costs a sort: grey needs two.
  const step = isRamp(colours) ? last : COLOUR_STEP;
  const points: number[] = [];
  for (let n = 0; n <= last; n += step) {
    points.push(lower + (n / last) * (upper - lower));
    for (const channel of [0, 1, 2] as const) points.push(colours[3 * n + channel]! / 255);
  }
  const transfer = (entry.actor as Types.VolumeActor).getProperty().getRGBTransferFunction(0);
  transfer.fillFromDataPointer(points.length / 4, points);
  transfer.setMappingRange(lower, upper);
}

/** Divides the 255 steps of a table. */
const COLOUR_STEP = 5;

/** Whether a table rises or falls evenly from its first grey to its last. */
function isRamp(colours: Uint8Array): boolean {
  const last = colours.length / 3 - 1;
  const from = colours[0]!;
  const to = colours[3 * last]!;
  for (let n = 0; n <= last; n++) {
    const expected = from + (n / last) * (to - from);
    for (const channel of [0, 1, 2] as const) {
      if (Math.abs(colours[3 * n + channel]! - expected) > 1) return false;
    }
  }
  return true;
}
