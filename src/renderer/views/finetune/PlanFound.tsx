import type { ReactNode } from 'react';
import type { FinetunePlan } from '../../../core/contract/finetune.ts';
import { formatSeconds } from '../../components/names.ts';
import { text } from '../../text.ts';

/** What a run would take: measured here and now, and what would fit where it does not. */
export function PlanFound({ plan }: { readonly plan: FinetunePlan }): ReactNode {
  const { time, memory, disk, sides } = plan;
  const words = text.finetune.planWords;
  const parts = [
    [words.preparing, time.preparing],
    [words.training, time.training],
    [words.judging, time.judging],
  ] as const;
  const rows: readonly (readonly [string, string])[] = [
    [words.cases, text.finetune.caseCount(sides.train, sides.validation, sides.test)],
    ...(time.all === null ? [] : [[words.time, formatSeconds(Math.ceil(time.all))] as const]),
    ...parts.flatMap(([name, seconds]) =>
      seconds === null ? [] : [[name, formatSeconds(Math.ceil(seconds))] as const],
    ),
    [words.memory, words.ofFree(memory.neededMb, memory.availableMb, text.locale)],
    [words.disk, words.ofFree(disk.neededMb, disk.availableMb, text.locale)],
  ];
  return (
    <div className="outcome stack" data-fits={plan.fits}>
      <p className={plan.fits ? 'small' : 'small warn'} role="status">
        {plan.fits ? words.fits : words.doesNotFit}
      </p>
      <Reasons all={plan.refusals} />
      {plan.instead.length > 0 && (
        <>
          <p className="small">{words.instead}</p>
          <Reasons all={plan.instead.map((one) => one.words)} />
        </>
      )}
      <dl className="facts small">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Reasons all={[...plan.notes, ...plan.without.map(({ name, reason }) => `${name}: ${reason}`)]} />
    </div>
  );
}

function Reasons({ all }: { readonly all: readonly string[] }): ReactNode {
  if (all.length === 0) return null;
  return (
    <ul className="reasons small">
      {all.map((words) => (
        <li key={words}>{words}</li>
      ))}
    </ul>
  );
}
