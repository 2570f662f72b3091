/**
 * Tissues of the digital head and what they do at 3 T. PD: water content relative to fluid (grey and
 * white matter: Neeb, Zilles, Shah, NeuroImage 2006). T1 and T2 in ms: grey and white matter from
 * Wansapura et al., JMRI 1999; fat and marrow from de Bazelaire et al., Radiology 2004; muscle from Stanisz
 * et al., MRM 2005; fluid: the commonly quoted 4.2 s and 2 s; lesion: chronic demyelination, between white
 * matter and fluid. Cortical bone has next to no signal at echo times of milliseconds.
 */
export interface Tissue {
  readonly name: string;
  readonly pd: number;
  readonly t1Ms: number;
  readonly t2Ms: number;
}

export const AIR = 0;
export const FLUID = 1;
export const GREY = 2;
export const WHITE = 3;
export const DEEP_GREY = 4;
export const LESION = 5;
export const BONE = 6;
export const MARROW = 7;
export const FAT = 8;
export const MUSCLE = 9;
export const SKIN = 10;
export const OIL = 11;

/** Indexed by the labels above. */
export const TISSUES: readonly Tissue[] = [
  { name: 'air', pd: 0, t1Ms: 1, t2Ms: 1 },
  { name: 'fluid', pd: 1, t1Ms: 4200, t2Ms: 2000 },
  { name: 'grey matter', pd: 0.83, t1Ms: 1331, t2Ms: 110 },
  { name: 'white matter', pd: 0.71, t1Ms: 832, t2Ms: 80 },
  { name: 'deep grey matter', pd: 0.79, t1Ms: 1150, t2Ms: 85 },
  { name: 'lesion', pd: 0.88, t1Ms: 1700, t2Ms: 220 },
  { name: 'bone', pd: 0.05, t1Ms: 250, t2Ms: 1 },
  { name: 'marrow', pd: 0.6, t1Ms: 586, t2Ms: 49 },
  { name: 'fat', pd: 0.9, t1Ms: 382, t2Ms: 68 },
  { name: 'muscle', pd: 0.79, t1Ms: 1412, t2Ms: 50 },
  { name: 'skin', pd: 0.65, t1Ms: 1000, t2Ms: 40 },
  { name: 'oil', pd: 1, t1Ms: 300, t2Ms: 90 },
];
