import type { SeriesSummary, StudySummary } from '../../core/contract/schemas.ts';
import { useSettings } from '../state/settings.ts';
import { text } from '../text.ts';

// The labels of every picture are written anew with each slice: making a formatter takes longer than that.
const dates = new Intl.DateTimeFormat(text.locale, { dateStyle: 'medium', timeZone: 'UTC' });
const moments = new Intl.DateTimeFormat(text.locale, { dateStyle: 'medium', timeStyle: 'short' });
const wholes = new Intl.NumberFormat(text.locale, { useGrouping: false, maximumFractionDigits: 0 });
const threeFigures = new Intl.NumberFormat(text.locale, { useGrouping: false, maximumSignificantDigits: 3 });
/** By their decimals. */
const numbers = new Map<number, Intl.NumberFormat>();

/** `6 · T2 TSE axial`: the number and the description, or what there is of them. */
export function seriesName(series: SeriesSummary): string {
  const description = series.description.trim() || text.contrasts[series.contrast.name];
  return series.number === null ? description : `${series.number} · ${description}`;
}

/** Who a study is of, or dots where the user hides patients. */
export function patientName(
  study: Pick<StudySummary, 'patientName' | 'patientId'>,
  isHidden = useSettings.getState().hidePatient,
): string {
  const name = study.patientName.replaceAll('^', ' ').trim() || study.patientId;
  return isHidden && name !== '' ? text.settings.hidden : name;
}

/** `Jane Doe · Head · 31 Jan 2024`, or what there is of it. */
export function studyName(
  study: Pick<StudySummary, 'patientName' | 'patientId' | 'description' | 'date'>,
): string {
  const patient = patientName(study);
  // Some scanners part region and protocol as names are parted.
  const description = study.description.replaceAll('^', ' ').trim();
  return [patient, description, formatDate(study.date)].filter((part) => part !== '').join(' · ');
}

/** DICOM's 20240131 as the language writes dates; anything else as it is. */
export function formatDate(date: string): string {
  const match = /^(\d{4})(\d{2})(\d{2})$/.exec(date);
  const time = match === null ? Number.NaN : Date.parse(`${match[1]}-${match[2]}-${match[3]}`);
  if (Number.isNaN(time)) return date;
  return dates.format(time);
}

/** A moment (milliseconds since 1970) by the clock of this machine. */
export function formatMoment(atMs: number): string {
  return moments.format(atMs);
}

/** A number with so many decimals at most, in the language's way, without grouping. */
export function formatNumber(value: number, decimals = 2): string {
  let format = numbers.get(decimals);
  if (format === undefined) {
    format = new Intl.NumberFormat(text.locale, { maximumFractionDigits: decimals, useGrouping: false });
    numbers.set(decimals, format);
  }
  return format.format(value);
}

/** `384 × 512 × 55`. */
export function formatSize(size: readonly number[]): string {
  return size.join(' × ');
}

/** `0.43 × 0.43 × 3 mm`. */
export function formatSpacing(spacingMm: readonly number[]): string {
  return `${spacingMm.map((mm) => formatNumber(mm, mm < 1 ? 3 : 2)).join(' × ')} ${text.units.mm}`;
}

export function formatSeconds(seconds: number): string {
  if (seconds < 90) return text.units.seconds(seconds);
  const whole = Math.round(seconds);
  return text.units.minutes(Math.floor(whole / 60), whole % 60);
}

/** A value for reading: whole where it is large, three figures where it is small. */
export function formatValue(value: number): string {
  if (!Number.isFinite(value)) return '–';
  return (Math.abs(value) >= 100 ? wholes : threeFigures).format(value);
}
