import { Enums, init, RenderingEngine, type Types, volumeLoader } from '@cornerstonejs/core';

/**
 * The yardstick: cornerstone3D on a page of its own, as its documentation shows it, with no overlay, no link
 * and no state beside it. Axial, sagittal and coronal are along the patient's axes, as the volumes are.
 */

type Plane = 'axial' | 'sagittal' | 'coronal';

interface BareCell {
  readonly volume: string;
  readonly plane: Plane;
}

interface Bare {
  load(
    id: string,
    url: string,
    size: Types.Point3,
    spacing: Types.Point3,
    origin: Types.Point3,
  ): Promise<void>;
  show(rows: number, columns: number, cells: readonly BareCell[]): Promise<void>;
  /** Scrolls all cells by so many slices, one after the other; resolves when the last is drawn. */
  scroll(steps: number): Promise<void>;
}

const ORIENTATIONS = {
  axial: Enums.OrientationAxis.AXIAL,
  sagittal: Enums.OrientationAxis.SAGITTAL,
  coronal: Enums.OrientationAxis.CORONAL,
};

const HEADER_BYTES = 352;
let engine: RenderingEngine | undefined;
let shown: string[] = [];
let direction = 1;

const bare: Bare = {
  async load(id, url, size, spacing, origin) {
    if (engine === undefined) {
      init({ rendering: { webGlContextCount: 1 }, debug: {} });
      engine = new RenderingEngine('bare');
    }
    const voxels = new Float32Array(await (await fetch(url)).arrayBuffer(), HEADER_BYTES);
    volumeLoader.createLocalVolume(id, {
      scalarData: voxels,
      dimensions: size,
      spacing,
      origin,
      direction: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      metadata: {
        BitsAllocated: 32,
        BitsStored: 32,
        SamplesPerPixel: 1,
        HighBit: 31,
        PhotometricInterpretation: 'MONOCHROME2',
        PixelRepresentation: 1,
        Modality: 'MR',
        ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
        PixelSpacing: [spacing[1], spacing[0]],
        FrameOfReferenceUID: 'patient',
        Columns: size[0],
        Rows: size[1],
        voiLut: [],
        VOILUTFunction: 'LINEAR',
      },
    });
  },

  async show(rows, columns, cells) {
    const place = document.getElementById('cells');
    if (place === null || engine === undefined) throw new Error('There is nothing to show');
    for (const id of shown) engine.disableElement(id);
    place.replaceChildren();
    place.style.gridTemplateRows = `repeat(${rows}, minmax(0, 1fr))`;
    place.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    shown = cells.map((_, n) => `cell-${n}`);
    for (const [n, { plane }] of cells.entries()) {
      const element = document.createElement('div');
      place.append(element);
      engine.enableElement({
        viewportId: `cell-${n}`,
        element,
        type: Enums.ViewportType.ORTHOGRAPHIC,
        defaultOptions: { orientation: ORIENTATIONS[plane], background: [0, 0, 0] },
      });
    }
    for (const [n, { volume }] of cells.entries()) {
      const viewport = engine.getViewport(`cell-${n}`) as Types.IVolumeViewport;
      await viewport.setVolumes([{ volumeId: volume }]);
      viewport.setProperties({ voiRange: { lower: 0, upper: 1000 } });
    }
    engine.render();
    await drawn(() => engine?.render());
  },

  async scroll(steps) {
    for (let n = 0; n < steps; n++) {
      await drawn(() => {
        for (const id of shown) (engine?.getViewport(id) as Types.IVolumeViewport).scroll(direction);
      });
    }
    // Back the next time: it stays within the volume.
    direction = -direction;
  },
};

/** Does something and waits until every cell was drawn after it. */
async function drawn(act: () => void): Promise<void> {
  const elements = shown.map((id) => engine?.getViewport(id)?.element as HTMLElement);
  const all = elements.map(
    (element) =>
      new Promise((resolve) =>
        element.addEventListener(Enums.Events.IMAGE_RENDERED, resolve, { once: true }),
      ),
  );
  act();
  await Promise.all(all);
}

Object.assign(window, { bare });
