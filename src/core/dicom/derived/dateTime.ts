/** A moment in DICOM's words, in one time zone. */
export interface DicomMoment {
  /** DA */
  readonly date: string;
  /** TM */
  readonly time: string;
  /** DT, with the offset. */
  readonly dateTime: string;
}

/**
 * A moment as DICOM writes it, in the zone that the data set declares, so that its times agree with each
 * other, or else in the given one.
 *
 * @param declared value of Timezone Offset From UTC (0008,0201), `±HHMM`.
 * @param localOffsetMinutes minutes to add to UTC where nothing is declared.
 */
export function dicomMoment(
  moment: Date,
  declared: string | undefined,
  localOffsetMinutes: number,
): DicomMoment {
  const match = /^([+-])(\d\d)(\d\d)$/.exec(declared?.trim() ?? '');
  const minutes =
    match === null
      ? localOffsetMinutes
      : (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
  const digits = new Date(moment.getTime() + minutes * 60_000).toISOString().replaceAll(/[-:TZ]/g, '');
  const date = digits.slice(0, 8);
  const time = digits.slice(8);
  const two = (n: number) => String(n).padStart(2, '0');
  const size = Math.abs(minutes);
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.trunc(size / 60))}${two(size % 60)}`;
  return { date, time, dateTime: `${date}${time}${offset}` };
}
