import * as z from 'zod';

/** What a file is wanted as, where one is to be chosen. */
export const fileKind = z.enum([
  'images',
  'labels',
  'values',
  'transform',
  'measurements',
  'certificate',
  'key',
  'model-package',
  'any',
]);
export type FileKind = z.infer<typeof fileKind>;

/**
 * How the names of such files end, without the dot; '' is a name without an ending, as DICOM files often have.
 * Undefined where they may end in anything.
 */
export const FILE_ENDINGS: Readonly<Record<FileKind, readonly string[] | undefined>> = {
  images: undefined,
  labels: ['nii', 'nii.gz', 'dcm', ''],
  values: ['nii', 'nii.gz'],
  transform: ['tfm', 'txt'],
  measurements: ['json'],
  certificate: ['pem', 'crt', 'cer'],
  key: ['pem', 'key'],
  'model-package': ['tar'],
  any: undefined,
};

/** Whether a file of this name can be of the kind; what is in it is found out when it is read. */
export function canBe(name: string, kind: FileKind): boolean {
  if (kind === 'images') return /\.zip$/i.test(name) || couldBeImage(name);
  const endings = FILE_ENDINGS[kind];
  if (endings === undefined) return true;
  const lower = name.toLowerCase();
  // `1.2.840.10008` is a UID, not a name that ends in something.
  const hasNone = !/\.[a-z][a-z0-9]*$/.test(lower);
  return endings.some((ending) => (ending === '' ? hasNone : lower.endsWith(`.${ending}`)));
}

/** Endings of files that are never images; DICOM files may have any other ending, or none. */
const OTHER_ENDINGS =
  /\.(txt|md|json|csv|tsv|xml|html?|pdf|docx?|xlsx?|png|jpe?g|gif|svg|bval|bvec|zip|gz|tar|exe|dll|so|js|ts|py|log)$/i;

/** Whether a file of this name can be an image, as far as the name says. */
export function couldBeImage(name: string): boolean {
  return /\.nii\.gz$/i.test(name) || !OTHER_ENDINGS.test(name);
}
