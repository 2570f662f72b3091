import type { Finder } from '../layouts.ts';
import { findNamed, type NamingRule } from './namedFiles.ts';

/** `IXI002-Guys-0828-T1.nii.gz`: subject, hospital, number of the scan, contrast. */
const NAME = /^((IXI\d+)-[A-Za-z]+-\d+)-([A-Za-z0-9]+)\.nii(?:\.gz)?$/i;

/**
 * The names of IXI (brain-development.org), whether its archives were unpacked into folders of their own
 * (`IXI-T1`, `IXI-T2`, `IXI-PD`, `IXI-MRA`) or into one.
 */
export const ixiNames: NamingRule = {
  layout: 'ixi',
  title: 'IXI',
  parse: (fileName) => {
    const match = NAME.exec(fileName);
    if (match === null) return undefined;
    const [, name = '', patient = '', contrast = ''] = match;
    return { name, patient: patient.toUpperCase(), contrast: contrast.toLowerCase() };
  },
  contrast: (name) => name.toLowerCase(),
};

/** The scans of IXI: PD and T2 are two echoes of one scan and share a grid, the T1 has one of its own. */
export const findIxi: Finder = (folders, contrasts, job) => findNamed(ixiNames, folders, contrasts, job);
