import { describe, expect, it } from 'vitest';
import { folderAbove, joinPath, lastName } from '../../../src/renderer/state/hostPaths.ts';

describe('paths of the workstation’s machine', () => {
  it.each([
    ['/scans', 'tuned', '/scans/tuned'],
    ['/scans/', 'tuned', '/scans/tuned'],
    ['/', 'tuned', '/tuned'],
    ['C:\\scans', 'tuned', 'C:\\scans\\tuned'],
    ['C:\\', 'tuned', 'C:\\tuned'],
    ['//host/share', 'tuned', '//host/share/tuned'],
  ])('are joined as the folder is written: %s and %s', (folder, name, joined) => {
    expect(joinPath(folder, name)).toBe(joined);
    expect(lastName(joined)).toBe(name);
    expect(lastName(`${joined}/ `)).toBe(name);
  });

  it('have a folder above, where they say it', () => {
    expect(folderAbove('/scans/tuned')).toBe('/scans');
    expect(folderAbove(' /scans/tuned/ ')).toBe('/scans');
    expect(folderAbove('C:\\scans\\tuned')).toBe('C:\\scans');
    expect(folderAbove('/scans')).toBeUndefined();
    expect(folderAbove('tuned')).toBeUndefined();
    expect(folderAbove('')).toBeUndefined();
    expect(lastName('')).toBe('');
  });
});
