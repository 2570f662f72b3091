import type { Request } from '../../core/contract/operations.ts';
import { type DeidentifySettings, deidentifyDataSet } from '../../core/dicom/deidentify/deidentifyDataSet.ts';
import { withDeidentificationMarks } from '../../core/dicom/deidentify/marks.ts';
import { mapUid } from '../../core/dicom/deidentify/pseudonyms.ts';
import type { DataSet } from '../../core/dicom/derived/dataSet.ts';
import { loadVrDictionary } from '../../core/dicom/derived/dictionary.ts';
import { appVersion } from '../version.ts';
import { deidentificationKey } from './key.ts';

/** De-identifies what is about to be written. */
export interface Deidentifier {
  readonly dataSet: (dataSet: DataSet) => DataSet;
  /** What a UID becomes. */
  readonly uid: (uid: string) => string;
}

/**
 * What de-identifies an export: as `tandem deidentify` does with the same key, so that an enhanced series still
 * names the series that it came from where both are de-identified.
 *
 * @param preview.note told of every attribute that changes
 * @param preview.makeKey whether a key file that is absent may be made
 */
export async function makeDeidentifier(
  asked: NonNullable<Request<'export'>['deidentify']>,
  preview: { readonly note?: DeidentifySettings['note']; readonly makeKey?: boolean } = {},
): Promise<Deidentifier> {
  const { hash } = await deidentificationKey(asked.keyFile, { make: preview.makeKey ?? true });
  const options = new Set(asked.options);
  const settings = { options, hash, dictionary: await loadVrDictionary(), note: preview.note };
  return {
    dataSet: (dataSet) =>
      withDeidentificationMarks(deidentifyDataSet(dataSet, settings), options, appVersion),
    uid: (uid) => (options.has('retain-uids') ? uid : mapUid(hash, uid)),
  };
}
