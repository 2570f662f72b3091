import type { ReactNode } from 'react';
import type { TuningStatus } from '../../state/finetuneStore.ts';
import { text } from '../../text.ts';

type Sample = TuningStatus['samples'][number];

/** A slice of each validation patient: as acquired, zero-filled, before and after. */
export function Samples({ samples }: { readonly samples: readonly Sample[] }): ReactNode {
  if (samples.length === 0) return null;
  return (
    <section className="stack" aria-label={text.finetune.samples}>
      <h3>{text.finetune.samples}</h3>
      {samples.map((sample) => (
        <div key={`${sample.case} ${sample.slice}`}>
          <p className="small">{text.finetune.sampleOf(sample.case, sample.slice)}</p>
          <div className="tuning-pictures">
            {picturesOf(sample).map(({ name, png }) => (
              <figure key={name}>
                <img src={`data:image/png;base64,${png}`} alt={`${name}, ${sample.case}`} />
                <figcaption className="small dim">{name}</figcaption>
              </figure>
            ))}
          </div>
        </div>
      ))}
    </section>
  );
}

function picturesOf({ truth, zeroFilled, before, after }: Sample): { name: string; png: string }[] {
  const words = text.finetune.pictures;
  return [
    { name: words.truth, png: truth },
    { name: words.zeroFilled, png: zeroFilled },
    ...(before === null ? [] : [{ name: words.before, png: before.png }]),
    ...(after === null ? [] : [{ name: text.finetune.afterStep(after.step), png: after.png }]),
  ];
}
