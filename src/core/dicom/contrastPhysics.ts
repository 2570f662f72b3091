import type { AcquisitionFacts, ContrastGuess } from './contrast.ts';

/** Timing and sequence alone; undefined where they do not tell. */
export function guessByPhysics(facts: AcquisitionFacts): ContrastGuess | undefined {
  const { echoTimeMs: te, repetitionTimeMs: tr } = facts;
  if (te === undefined || tr === undefined) return undefined;
  const sequence = new Set(facts.scanningSequence);
  const times = timesOf(facts);
  if (sequence.has('EP') && !sequence.has('IR')) {
    return {
      name: 'unknown',
      setAside: true,
      why: `echo-planar imaging (${times}), which is neither plain T1 nor T2`,
    };
  }
  const isGradientEcho = sequence.has('GR') && !sequence.has('SE');
  const inverted = sequence.has('IR') || facts.inversionTimeMs !== undefined;
  if (inverted && !isGradientEcho) return inversionRecovery(facts, te, tr, times);
  if (isGradientEcho) return gradientEcho(facts, te, tr, times, inverted);
  return spinEcho(te, tr, times);
}

function inversionRecovery(
  facts: AcquisitionFacts,
  te: number,
  tr: number,
  times: string,
): ContrastGuess | undefined {
  const ti = facts.inversionTimeMs;
  if (ti === undefined) {
    if (te >= 60 && tr >= 4500)
      return { name: 'flair', why: `inversion recovery with long TE and TR (${times})` };
    return undefined;
  }
  if (ti >= 1300 && te >= 60 && tr >= 3500) {
    return { name: 'flair', why: `inversion recovery that nulls fluid, with long TE (${times})` };
  }
  if (ti >= 80 && ti <= 300) {
    return { name: 'stir', why: `inversion recovery that nulls fat (${times})` };
  }
  if (te <= 40) return { name: 't1', why: `inversion recovery with short TE (${times})` };
  return undefined;
}

function gradientEcho(
  facts: AcquisitionFacts,
  te: number,
  tr: number,
  times: string,
  inverted: boolean,
): ContrastGuess | undefined {
  const variant = new Set(facts.sequenceVariant);
  const flip = facts.flipAngleDeg;
  const angle = flip === undefined ? '' : `, flip angle ${round(flip)}°`;
  if (te >= 12) {
    return { name: 'unknown', setAside: true, why: `gradient echo with long TE (${times}): T2*-weighted` };
  }
  if (inverted || variant.has('MP')) {
    return { name: 't1', why: `magnetisation-prepared gradient echo with short TE (${times}${angle})` };
  }
  if (variant.has('SS') && !variant.has('SP')) {
    return {
      name: 'unknown',
      why: `steady-state gradient echo (${times}${angle}), of mixed T1 and T2 weight`,
    };
  }
  if (flip === undefined) return undefined;
  // A spoiled gradient echo is T1-weighted beyond the Ernst angle of tissue (T1 of about 1 s).
  const ernst = (Math.acos(Math.exp(-tr / 1000)) * 180) / Math.PI;
  return flip >= 1.2 * ernst
    ? { name: 't1', why: `gradient echo with short TE and a large flip angle for its TR (${times}${angle})` }
    : flip <= 0.7 * ernst
      ? {
          name: 'pd',
          why: `gradient echo with short TE and a small flip angle for its TR (${times}${angle})`,
        }
      : undefined;
}

function spinEcho(te: number, tr: number, times: string): ContrastGuess | undefined {
  if (te >= 60 && tr >= 1500) return { name: 't2', why: `long TE and TR (${times})` };
  if (te <= 40 && tr <= 1200) return { name: 't1', why: `short TE and TR (${times})` };
  if (te < 60 && tr >= 1800) {
    return { name: 'pd', why: `${te <= 40 ? 'short' : 'intermediate'} TE and long TR (${times})` };
  }
  return undefined;
}

/** `TE 91 ms, TR 5000 ms`: the times that are known. */
export function timesOf(facts: AcquisitionFacts): string {
  const parts = [
    ['TE', facts.echoTimeMs],
    ['TR', facts.repetitionTimeMs],
    ['TI', facts.inversionTimeMs],
  ] as const;
  return parts
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${round(value!)} ms`)
    .join(', ');
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
