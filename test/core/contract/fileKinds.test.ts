import { expect, it } from 'vitest';
import { canBe, FILE_ENDINGS, type FileKind, fileKind } from '../../../src/core/contract/fileKinds.ts';

it.each([
  ['labels', ['a.nii', 'a.NII.GZ', 'seg.dcm', 'IM0001', '1.2.840.10008.5'], ['a.gz', 'a.txt', 'a.nii.zip']],
  ['transform', ['x.tfm'], ['x.h5', 'tfm']],
  ['certificate', ['ca.pem', 'site.CRT'], ['site.key', 'pem']],
  ['key', ['site.key', 'site.pem'], ['site.crt']],
  ['model-package', ['m.tar'], ['m.tar.gz', 'm']],
  ['images', ['study.zip', 'IM1', 'a.nii.gz', 'x.mr'], ['notes.txt', 'a.tar.gz', 'card.json']],
  ['any', ['whatever.x', 'none'], []],
] as const)('a file can be %s by its name', (kind, names, others) => {
  expect(names.filter((name) => !canBe(name, kind))).toEqual([]);
  expect(others.filter((name) => canBe(name, kind as FileKind))).toEqual([]);
});

it('endings are written without a dot and small', () => {
  for (const kind of fileKind.options) {
    for (const ending of FILE_ENDINGS[kind] ?? []) expect(ending).toMatch(/^([a-z]+(\.[a-z]+)*)?$/);
  }
});
