import type { ModelStanding, ModelStateChange } from '../../../core/contract/modelStates.ts';
import { text } from '../../text.ts';

export function when(instant: number | string): string {
  return new Date(instant).toLocaleString(text.locale, { dateStyle: 'medium', timeStyle: 'short' });
}

export function changeWords({ state, user, account, atMs }: ModelStateChange): string {
  return text.models.change(text.models.states[state], user ?? account, when(atMs));
}

/** Who changed its state last, and when; undefined where nobody has. */
export function lastChange({ history }: ModelStanding): string | undefined {
  const last = history.at(-1);
  return last === undefined ? undefined : changeWords(last);
}
