import type { ReactNode } from 'react';
import { lineProfile, profileStep } from '../../core/volume/lineProfile.ts';
import type { Measurement } from '../../core/volume/measurement.ts';
import { formatValue } from '../components/names.ts';
import type { Column } from '../state/columns.ts';
import { text } from '../text.ts';
import { voxelsOf } from '../viewer/voxelStore.ts';

const WIDTH = 300;
const HEIGHT = 140;
const LEFT = 44;
const BOTTOM = 18;
const TOP = 6;
const RIGHT = 6;
/** Each image has its line: told apart without colours too. */
const DASHES = ['none', '6 3', '2 2', '8 3 2 3', '1 3'] as const;

/** The values of every image on the screen along a line, over the distance from its beginning. */
export function ProfilePlot(props: {
  readonly measurement: Measurement;
  readonly images: readonly Column[];
}): ReactNode {
  const { measurement, images } = props;
  const [from, to] = measurement.pointsLps;
  const stored = images.flatMap((column) => {
    const image = voxelsOf(column.key);
    return image === undefined ? [] : [{ column, image }];
  });
  if (from === undefined || to === undefined || stored.length === 0) return null;
  const step = profileStep(stored.map(({ image }) => image));
  const lines = stored.map(({ column, image }) => ({ column, ...lineProfile(image, from, to, step) }));
  const all = lines.flatMap(({ values }) => [...values].filter((value) => !Number.isNaN(value)));
  const [least, greatest] = [Math.min(...all, 0), Math.max(...all, 1e-6)];
  const length = lines[0]?.distancesMm.at(-1) ?? 0;
  const x = (mm: number): number => LEFT + (mm / Math.max(length, 1e-9)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number =>
    TOP + (1 - (value - least) / Math.max(greatest - least, 1e-9)) * (HEIGHT - TOP - BOTTOM);
  return (
    <figure className="profile-plot" data-profile={measurement.name}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text.measure.profile(measurement.name)}>
        <line className="axis" x1={LEFT} x2={LEFT} y1={TOP} y2={HEIGHT - BOTTOM} />
        <line className="axis" x1={LEFT} x2={WIDTH - RIGHT} y1={HEIGHT - BOTTOM} y2={HEIGHT - BOTTOM} />
        {[least, greatest].map((value) => (
          <text key={value} className="tick end" x={LEFT - 4} y={y(value) + 4}>
            {formatValue(value)}
          </text>
        ))}
        <text className="tick" x={LEFT} y={HEIGHT - 4}>
          0
        </text>
        <text className="tick end" x={WIDTH - RIGHT} y={HEIGHT - 4}>
          {`${length.toFixed(1)} ${text.measure.distance}`}
        </text>
        {lines.map(({ column, distancesMm, values }, n) => (
          <path
            key={column.key}
            className={`profile-line ${column.kind}`}
            strokeDasharray={DASHES[n % DASHES.length]}
            d={pathOf(distancesMm, values, x, y)}
          />
        ))}
      </svg>
      <figcaption className="profile-names small">
        {lines.map(({ column }, n) => (
          <span key={column.key}>
            <svg className="profile-key" viewBox="0 0 26 6" aria-hidden="true">
              <path
                className={`profile-line ${column.kind}`}
                strokeDasharray={DASHES[n % DASHES.length]}
                d="M0 3H26"
              />
            </svg>
            {`${text.columns[column.kind]} ${column.note ?? column.title}`}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

/** A line through the values; where nothing was acquired it is broken. */
function pathOf(
  distances: Float64Array,
  values: Float64Array,
  x: (mm: number) => number,
  y: (value: number) => number,
): string {
  let path = '';
  let isBroken = true;
  for (let n = 0; n < values.length; n++) {
    const value = values[n]!;
    if (Number.isNaN(value)) {
      isBroken = true;
      continue;
    }
    path += `${isBroken ? 'M' : 'L'}${x(distances[n]!).toFixed(1)} ${y(value).toFixed(1)}`;
    isBroken = false;
  }
  return path;
}
