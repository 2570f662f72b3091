import type { ReactNode } from 'react';
import type { FinetuneRecord } from '../../../core/contract/finetune.ts';
import { text } from '../../text.ts';
import { type CurvePoint, linePath, rangeOfPoints } from './linePath.ts';

const WIDTH = 480;
const HEIGHT = 110;

/** Loss and validation over the steps. */
export function Curves(props: {
  readonly records: readonly FinetuneRecord[];
  /** PSNR inside of the base on the validation patients, dB. */
  readonly base: number | null;
}): ReactNode {
  const { records, base } = props;
  const loss = pointsOf(records, (record) => record.loss);
  const psnr = pointsOf(records, (record) => record.validation?.psnrInside ?? null);
  return (
    <section className="stack" aria-label={text.finetune.curves}>
      <h3>{text.finetune.curves}</h3>
      {loss.length + psnr.length === 0 ? (
        <p className="dim small">{text.finetune.noCurve}</p>
      ) : (
        <div className="tuning-curves">
          <Curve name={text.finetune.lossCurve} points={loss} digits={4} line={null} />
          <Curve
            name={text.finetune.gainCurve}
            points={psnr}
            digits={2}
            line={base ?? psnr[0]?.value ?? null}
          />
        </div>
      )}
    </section>
  );
}

function pointsOf(
  records: readonly FinetuneRecord[],
  of: (record: FinetuneRecord) => number | null,
): CurvePoint[] {
  return records.flatMap((record) => {
    const value = of(record);
    return value === null ? [] : [{ step: record.step, value }];
  });
}

/** @param line a value to compare with, drawn across */
function Curve(props: {
  readonly name: string;
  readonly points: readonly CurvePoint[];
  readonly digits: number;
  readonly line: number | null;
}): ReactNode {
  const { name, points, digits, line } = props;
  const last = points.at(-1);
  if (last === undefined) return null;
  const range = rangeOfPoints(points, line);
  const words = text.finetune.curveValue(last.step, last.value.toFixed(digits));
  return (
    <figure className="tuning-curve">
      <figcaption className="small">
        {name} <span className="dim numbers">{words}</span>
      </figcaption>
      <div className="curve-box">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${name}, ${words}`}
        >
          {line !== null && (
            <path
              className="curve-now"
              d={linePath(
                [
                  { step: 0, value: line },
                  { step: range.steps, value: line },
                ],
                range,
                WIDTH,
                HEIGHT,
              )}
            />
          )}
          <path className="curve-line" d={linePath(points, range, WIDTH, HEIGHT)} />
        </svg>
        <span className="curve-top dim numbers" aria-hidden>
          {range.most.toFixed(digits)}
        </span>
        <span className="curve-bottom dim numbers" aria-hidden>
          {range.least.toFixed(digits)}
        </span>
      </div>
    </figure>
  );
}
