import type { Layers } from './attributes.ts';
import type { DataSet } from './dataSet.ts';
import { numbersOf } from './numbers.ts';
import { TAG } from './tags.ts';

/**
 * The contrast agents that an image shows, by name; empty where none is said to be there. Classic images name
 * it in words (PS3.3, C.7.6.4); enhanced ones by a code for each agent of the object (C.7.6.4b), and each
 * frame says which had been given by then (C.7.6.16.2.12): a series before and after the agent may be one object.
 */
export function contrastAgent(attributes: Layers): string {
  const named = attributes.text(TAG.ContrastBolusAgent);
  if (named !== '') return named;
  const notGiven = new Set(
    [...attributes.items(TAG.ContrastBolusUsageSequence)]
      .filter((usage) => usage.string(TAG.ContrastBolusAgentAdministered) === 'NO')
      .map(agentNumber),
  );
  return [...attributes.items(TAG.ContrastBolusAgentSequence)]
    .filter((agent) => !notGiven.has(agentNumber(agent)))
    .map((agent) => agent.text(TAG.CodeMeaning) || agent.text(TAG.CodeValue))
    .filter((name) => name !== '')
    .join(', ');
}

/** Agents of one object are numbered; where there is one alone, the number may be missing. */
function agentNumber(item: DataSet): number {
  return numbersOf(item, TAG.ContrastBolusAgentNumber, 'US')?.[0] ?? 1;
}
