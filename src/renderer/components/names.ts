import type { SeriesSummary, StudySummary } from '../../core/contract/schemas.ts';
import { text } from '../text.ts';

/** `6 · T2 TSE axial`: the number and the description, or what there is of them. */
export function seriesName(series: SeriesSummary): string {
  const description = series.description.trim() || text.contrasts[series.contrast.name];
  return series.number === null ? description : `${series.number} · ${description}`;
}

export function studyName(study: StudySummary): string {
  const patient = study.patientName.replaceAll('^', ' ').trim() || study.patientId;
  return [patient, study.description, formatDate(study.date)].filter((part) => part !== '').join(' · ');
}

/** DICOM's 20240131 as 2024-01-31; anything else as it is. */
export function formatDate(date: string): string {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(date);
  return match === null ? date : `${match[1]}-${match[2]}-${match[3]}`;
}

/** `384 × 512 × 55`. */
export function formatSize(size: readonly number[]): string {
  return size.join(' × ');
}

/** `0.43 × 0.43 × 3 mm`. */
export function formatSpacing(spacingMm: readonly number[]): string {
  return `${spacingMm.map((mm) => Number(mm.toFixed(mm < 1 ? 3 : 2))).join(' × ')} ${text.units.mm}`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 90) return text.units.seconds(seconds);
  const whole = Math.round(seconds);
  return text.units.minutes(Math.floor(whole / 60), whole % 60);
}

/** A value for reading: whole where it is large, three figures where it is small. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
