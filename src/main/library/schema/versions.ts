import { version1 } from './v1.ts';
import { version2 } from './v2.ts';
import { version3 } from './v3.ts';
import { version4 } from './v4.ts';
import { version5 } from './v5.ts';
import { version6 } from './v6.ts';

/**
 * What makes each version of the library of the one before, from an empty file on. A version that was ever
 * delivered is never changed: what comes after is a version of its own, and a test opens a file of each.
 */
export const VERSIONS: readonly string[] = [version1, version2, version3, version4, version5, version6];
