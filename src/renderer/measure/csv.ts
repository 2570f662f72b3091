import type { Measurement } from '../../core/volume/measurement.ts';
import type { Column } from '../state/columns.ts';
import { text } from '../text.ts';
import { sizeOf, statisticsOf } from './measuredImages.ts';

const HEADER = [
  'name',
  'kind',
  'image',
  'length_mm',
  'angle_degrees',
  'area_mm2',
  'voxels',
  'mean',
  'sd',
  'min',
  'max',
  'points_lps_mm',
] as const;

/**
 * Measurements as a table, a line for each image (RFC 4180: commas, CRLF, quotes doubled). Numbers are written
 * in full; what is not there stays empty.
 */
export function measurementsCsv(items: readonly Measurement[], images: readonly Column[]): string {
  const lines = items.flatMap((measurement) => {
    const { lengthMm, angleDegrees, areaMm2 } = sizeOf(measurement);
    const points = measurement.pointsLps
      .map((point) => point.map((mm) => mm.toFixed(3)).join(' '))
      .join('; ');
    return images.map((column) => {
      const statistics = statisticsOf(measurement, column.key);
      const values =
        statistics === undefined
          ? ['', '', '', '', '']
          : [statistics.count, statistics.mean, statistics.sd, statistics.min, statistics.max].map(csvNumber);
      return [
        csvWords(measurement.name),
        measurement.kind,
        csvWords(imageName(column)),
        csvNumber(lengthMm),
        csvNumber(angleDegrees),
        csvNumber(areaMm2),
        ...values,
        points,
      ];
    });
  });
  return [[...HEADER], ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

/** What an image is, with what was done to it: a number of an enhanced image must not pass for an acquired one. */
export function imageName(column: Column): string {
  return [text.columns[column.kind], column.title, column.note].filter(Boolean).join(' · ');
}

/** A number in full; empty where there is none. */
export function csvNumber(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? '' : String(value);
}

/** Quoted; what a spreadsheet would take for a formula begins with an apostrophe. */
export function csvWords(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return `"${harmless.replaceAll('"', '""')}"`;
}
