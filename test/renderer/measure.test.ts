import { beforeEach, describe, expect, it } from 'vitest';
import type { Grid } from '../../src/core/volume/grid.ts';
import type { PatientPlane } from '../../src/core/volume/sampleAt.ts';
import { measurementsCsv } from '../../src/renderer/measure/csv.ts';
import {
  aimAt,
  cancelDraft,
  deleteAllMeasurements,
  deleteMeasurement,
  drawTo,
  finishDraft,
  movePoints,
  renameMeasurement,
  setPoint,
} from '../../src/renderer/measure/measureActions.ts';
import { statisticsOf } from '../../src/renderer/measure/measuredImages.ts';
import type { Column } from '../../src/renderer/state/columns.ts';
import { clearHistory, redo, undo } from '../../src/renderer/state/history.ts';
import { NO_MEASUREMENTS, setMeasurements, useMeasurements } from '../../src/renderer/state/measurements.ts';
import { useApp } from '../../src/renderer/state/store.ts';
import { storeVoxels } from '../../src/renderer/viewer/voxelStore.ts';

const plane: PatientPlane = { right: [1, 0, 0], down: [0, 1, 0], normal: [0, 0, -1] };
const items = () => useMeasurements.getState().items;
const names = (): string[] => items().map(({ name }) => name);

beforeEach(() => {
  setMeasurements(NO_MEASUREMENTS);
  clearHistory();
});

describe('drawing', () => {
  it('finishes when the kind has its points, whether clicked or dragged', () => {
    setPoint('angle', '0-0', plane, [1, 0, 0]);
    setPoint('angle', '0-0', plane, [0, 0, 0]);
    aimAt([0, 2, 0]);
    expect(items()).toHaveLength(0);
    setPoint('angle', '0-0', plane, [0, 1, 0]);
    expect(items()[0]).toMatchObject({ kind: 'angle', name: 'Angle 1' });
    expect(useMeasurements.getState().draft).toBeNull();
  });

  it('begins anew in another cell or with another tool', () => {
    setPoint('length', '0-0', plane, [0, 0, 0]);
    setPoint('length', '0-1', plane, [5, 0, 0]);
    expect(items()).toHaveLength(0);
    setPoint('rectangle', '0-1', plane, [5, 0, 0]);
    expect(useMeasurements.getState().draft).toMatchObject({ kind: 'rectangle', pointsLps: [[5, 0, 0]] });
  });

  it('drops what has no extent', () => {
    setPoint('length', '0-0', plane, [1, 1, 0]);
    setPoint('length', '0-0', plane, [1, 1, 0]);
    setPoint('rectangle', '0-0', plane, [1, 1, 0]);
    setPoint('rectangle', '0-0', plane, [9, 1, 0]);
    setPoint('freehand', '0-0', plane, [0, 0, 0]);
    setPoint('freehand', '0-0', plane, [1, 0, 0]);
    finishDraft();
    expect(items()).toHaveLength(0);
  });

  it('thins a freehand outline to what the screen shows', () => {
    setPoint('freehand', '0-0', plane, [0, 0, 0]);
    for (let mm = 0; mm <= 10; mm += 0.1) drawTo([mm, mm * mm * 0.1, 0], 0.5);
    finishDraft();
    expect(items()[0]?.pointsLps.length).toBeGreaterThan(4);
    expect(items()[0]?.pointsLps.length).toBeLessThan(12);
  });

  it('can be given up', () => {
    setPoint('length', '0-0', plane, [0, 0, 0]);
    cancelDraft();
    setPoint('length', '0-0', plane, [5, 0, 0]);
    expect(items()).toHaveLength(0);
  });
});

describe('undo', () => {
  const draw = (): string => {
    setPoint('length', '0-0', plane, [0, 0, 0]);
    setPoint('length', '0-0', plane, [3, 4, 0]);
    return items().at(-1)!.id;
  };

  it('takes back and does again, each to where it was', () => {
    const first = draw();
    draw();
    deleteMeasurement(first);
    expect(names()).toEqual(['Length 2']);
    undo();
    expect(names()).toEqual(['Length 1', 'Length 2']);
    movePoints(first, [
      [0, 0, 0],
      [6, 8, 0],
    ]);
    renameMeasurement(first, 'Lesion');
    expect(items()[0]).toMatchObject({ name: 'Lesion', pointsLps: [expect.anything(), [6, 8, 0]] });
    undo();
    undo();
    expect(items()[0]).toMatchObject({ name: 'Length 1', pointsLps: [expect.anything(), [3, 4, 0]] });
    redo();
    expect(items()[0]?.pointsLps[1]).toEqual([6, 8, 0]);
    deleteAllMeasurements();
    expect(items()).toHaveLength(0);
    undo();
    expect(items()).toHaveLength(2);
    undo();
    undo();
    undo();
    expect(items()).toHaveLength(0);
    redo();
    expect(names()).toEqual(['Length 1']);
  });

  it('ends with the study: another patient has another space', () => {
    draw();
    useApp.setState({ studyUid: 'another' });
    expect(items()).toHaveLength(0);
    undo();
    expect(items()).toHaveLength(0);
  });
});

describe('the table for spreadsheets', () => {
  const grid: Grid = {
    size: [4, 4, 1],
    spacingMm: [1, 1, 1],
    originLps: [0, 0, 0],
    axesLps: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
  };
  const column = (kind: Column['kind'], key: string, title: string, note?: string): Column => ({
    kind,
    key,
    title,
    note,
    request: { kind: 'enhanced', id: key },
  });

  it('has a line for each image, in full figures, and keeps hostile names harmless', () => {
    const free = [
      storeVoxels('a', {
        grid,
        voxels: Int16Array.from({ length: 16 }, (_, n) => n),
        inventedSlices: new Set(),
      }),
      storeVoxels('b', { grid, voxels: new Float32Array(16).fill(1 / 3), inventedSlices: new Set() }),
    ];
    setPoint('rectangle', '0-0', plane, [0.5, 0.5, 0]);
    setPoint('rectangle', '0-0', plane, [2.5, 2.5, 0]);
    renameMeasurement(items()[0]!.id, '=HYPERLINK("http://x","y")');
    const csv = measurementsCsv(items(), [
      column('target', 'a', 'T2, "axial"'),
      column('enhanced', 'b', 'T2', 'ENHANCED ×2 · m · RUO'),
    ]);
    const [header, first, second, end] = csv.split('\r\n');
    expect(header).toBe(
      'name,kind,image,length_mm,angle_degrees,area_mm2,voxels,mean,sd,min,max,points_lps_mm',
    );
    expect(first).toBe(
      `"'=HYPERLINK(""http://x"",""y"")",rectangle,"Target · T2, ""axial""",,,4,4,7.5,${Math.sqrt(17 / 3)},5,10,0.500 0.500 0.000; 2.500 2.500 0.000`,
    );
    expect(second).toContain('"Enhanced · T2 · ENHANCED ×2 · m · RUO"');
    expect(second).toContain(`,4,${Math.fround(1 / 3)},0,`);
    expect(end).toBe('');
    for (const each of free) each();
    expect(statisticsOf(items()[0]!, 'a')).toBeUndefined();
  });
});
