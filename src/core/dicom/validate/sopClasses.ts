import {
  COMPREHENSIVE_3D_SR_STORAGE,
  ENHANCED_MR_IMAGE_STORAGE,
  MR_IMAGE_STORAGE,
  PARAMETRIC_MAP_STORAGE,
  SEGMENTATION_STORAGE,
  SPATIAL_REGISTRATION_STORAGE,
} from '../derived/uids.ts';
import { COMPOSITE } from './modules/common.ts';
import { ENHANCED_MR_IMAGE, ENHANCED_MR_IMAGE_GROUPS } from './modules/enhancedMrImage.ts';
import { MR_IMAGE } from './modules/mrImage.ts';
import { PARAMETRIC_MAP, PARAMETRIC_MAP_GROUPS } from './modules/parametricMap.ts';
import { SEGMENTATION, SEGMENTATION_GROUPS } from './modules/segmentation.ts';
import { SPATIAL_REGISTRATION } from './modules/spatialRegistration.ts';
import { STRUCTURED_REPORT } from './modules/structuredReport.ts';
import type { FunctionalGroup, Module } from './requirement.ts';

/** What an object of a SOP class has to have. */
export interface SopClass {
  readonly module: Module;
  readonly groups: readonly FunctionalGroup[];
  /** Whether the class has pixels; undefined where nothing is known of it. */
  readonly hasPixels: boolean | undefined;
  /** Whether Content Qualification is one of its attributes, or can stand in it. */
  readonly saysQualification: boolean;
}

const noImage = (module: Module): SopClass => ({
  module,
  groups: [],
  hasPixels: false,
  saysQualification: false,
});

const SOP_CLASSES: Readonly<Record<string, SopClass>> = {
  [MR_IMAGE_STORAGE]: { module: MR_IMAGE, groups: [], hasPixels: true, saysQualification: true },
  [ENHANCED_MR_IMAGE_STORAGE]: {
    module: ENHANCED_MR_IMAGE,
    groups: ENHANCED_MR_IMAGE_GROUPS,
    hasPixels: true,
    saysQualification: true,
  },
  [SEGMENTATION_STORAGE]: {
    module: SEGMENTATION,
    groups: SEGMENTATION_GROUPS,
    hasPixels: true,
    saysQualification: false,
  },
  [PARAMETRIC_MAP_STORAGE]: {
    module: PARAMETRIC_MAP,
    groups: PARAMETRIC_MAP_GROUPS,
    hasPixels: true,
    saysQualification: true,
  },
  [SPATIAL_REGISTRATION_STORAGE]: noImage(SPATIAL_REGISTRATION),
  [COMPREHENSIVE_3D_SR_STORAGE]: noImage(STRUCTURED_REPORT),
};

const OTHER: SopClass = { module: COMPOSITE, groups: [], hasPixels: undefined, saysQualification: false };

/** The tables of a SOP class; of one that this program does not write, what all composite objects have. */
export function sopClassOf(uid: string): SopClass {
  return SOP_CLASSES[uid] ?? OTHER;
}

/** Whether the class has a table of its own. */
export function isCheckedClass(uid: string): boolean {
  return Object.hasOwn(SOP_CLASSES, uid);
}
