import { createHash } from 'node:crypto';
import { unacceptedMark } from '../../core/dicom/derived/provenance.ts';
import { uidFromDigest } from '../../core/dicom/derived/uids.ts';
import type { EnhancedSeries } from '../superres/types.ts';

/** A UID that follows from its parts: the same parts give the same UID, any other part another one. */
export function uidOf(...parts: readonly unknown[]): string {
  return uidFromDigest(createHash('sha256').update(JSON.stringify(parts)).digest());
}

/** SHA-256 of bytes, hex. */
export function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What, beside sources and pixels, makes an enhanced series the one it is. */
export function parametersOf(series: EnhancedSeries): unknown {
  const { scale, model, registration, appVersion } = series.provenance;
  return [
    'tandem-enhanced-1',
    scale,
    model.id,
    model.version,
    model.weightsSha256,
    registration.verdict,
    // What is said of it differs, so that it is another series.
    ...(unacceptedMark(model.state) === undefined ? [] : [model.state]),
    ...(registration.by === 'manual' ? ['manual'] : []),
    appVersion,
  ];
}
