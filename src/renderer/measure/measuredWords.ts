import type { Measurement } from '../../core/volume/measurement.ts';
import { formatValue } from '../components/names.ts';
import { text } from '../text.ts';
import { sizeOf, statisticsOf } from './measuredImages.ts';

/** Length, angle or area in words; empty for a probe. */
export function sizeWords(measurement: Measurement): string {
  const size = sizeOf(measurement);
  if (size.lengthMm !== undefined) return `${size.lengthMm.toFixed(1)} ${text.units.mm}`;
  if (size.angleDegrees !== undefined) return `${size.angleDegrees.toFixed(1)}°`;
  if (size.areaMm2 !== undefined) return `${formatValue(size.areaMm2)} ${text.units.mm2}`;
  return '';
}

/** What an image has there, in words: a value, or mean and standard deviation; empty where nothing. */
export function valueWords(measurement: Measurement, key: string): string {
  const statistics = statisticsOf(measurement, key);
  if (statistics === undefined) return '';
  if (statistics.count === 0) return text.measure.noVoxels;
  if (measurement.kind === 'probe') return formatValue(statistics.mean);
  return text.measure.meanAndSd(formatValue(statistics.mean), formatValue(statistics.sd));
}
