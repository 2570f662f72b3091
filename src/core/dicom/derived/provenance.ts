import type { ModelState } from '../../contract/modelStates.ts';
import type { RegistrationReport } from '../../contract/schemas.ts';

/** What says how an enhanced series came about; goes into every export. */
export interface Provenance {
  readonly scale: 2 | 4;
  readonly model: {
    readonly id: string;
    readonly version: string;
    readonly network: string;
    /** SHA-256 of weights.safetensors, hex. */
    readonly weightsSha256: string;
    readonly licence: string;
    /** When the series was made. Absent in results that were stored before models had states. */
    readonly state?: ModelState | undefined;
  };
  readonly device: string;
  readonly registration: RegistrationReport;
  readonly appVersion: string;
}

/** What an exported slice says about how its series was made; the same for all slices of the series. */
export interface EnhancementFacts extends Provenance {
  readonly targetSeriesUid: string;
  /** Undefined for a single-image model. */
  readonly referenceSeriesUid: string | undefined;
}

/**
 * What everything that shows or names an image of a model must say of it where no one has accepted the model, or
 * no longer; undefined where there is nothing to say.
 */
export function unacceptedMark(state: ModelState | undefined): 'CANDIDATE' | 'RETIRED' | undefined {
  if (state === 'candidate') return 'CANDIDATE';
  return state === 'retired' ? 'RETIRED' : undefined;
}

/** Longest Derivation Description (ST). */
const LONGEST = 1024;

/**
 * Derivation Description (0008,2111): `key=value` pairs for programs, then a sentence for people. ASCII, at
 * most 1024 characters.
 *
 * @param stored how values were stored; `rescaled` says that the source had a rescale, which was applied.
 */
export function derivationDescription(
  facts: EnhancementFacts,
  stored: { readonly factor: number; readonly clipped: number; readonly rescaled: boolean },
): string {
  const { model, registration: reg, scale } = facts;
  const mark = unacceptedMark(model.state);
  const mi =
    reg.miBefore === null || reg.miAfter === null
      ? ''
      : ` mi ${reg.miBefore.toFixed(3)}->${reg.miAfter.toFixed(3)}`;
  const motion =
    reg.verdict === 'none'
      ? 'none'
      : `${reg.by === 'manual' ? 'manual' : 'rigid'} ${reg.verdict}${mi} ${reg.rotationDeg.toFixed(2)}deg ${reg.translationMm.toFixed(2)}mm overlap ${reg.overlap.toFixed(2)}`;
  const pairs = [
    'TANDEM1',
    `factor=${scale}x${scale}x1`,
    'grid=sample-aligned',
    `target=${tail(facts.targetSeriesUid)}`,
    `ref=${facts.referenceSeriesUid === undefined ? 'none' : tail(facts.referenceSeriesUid)}`,
    `net=${model.network}`,
    `model=${model.id} ${model.version}`,
    ...(mark === undefined ? [] : [`state=${mark}`]),
    `weights=sha256:${model.weightsSha256}`,
    'dc=none',
    // No data consistency is enforced: detail is inferred, not measured. Synthetic Data (0008,001C) would
    // say so too, but validators of today's distributions do not know it and call it an error.
    'synthetic=yes',
    `reg=${facts.referenceSeriesUid === undefined ? 'none' : motion}`,
    `device=${facts.device}`,
    `stored=${stored.factor === 1 ? 'real-world values' : `real-world values x ${Number(stored.factor.toPrecision(9))}`}`,
    ...(stored.rescaled ? ['rescale of the source applied'] : []),
    `clipped=${stored.clipped}`,
    `app=Tandem MR ${facts.appVersion}`,
  ];
  const how =
    facts.referenceSeriesUid === undefined ? '' : ' guided by a reference series of the same patient';
  const prose = `In-plane resolution enhanced x${scale} by a neural network${how}.${mark === undefined ? '' : ` The model is not accepted at this site (${mark.toLowerCase()}).`} Research use only, not for diagnosis.`;
  const line = `${pairs.join('; ')}. `.replaceAll(/[^\x20-\x5b\x5d-\x7e]/g, '?');
  return line.slice(0, LONGEST - prose.length) + prose;
}

function tail(uid: string): string {
  return uid.slice(-16);
}
