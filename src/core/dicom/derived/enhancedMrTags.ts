import { C } from './companionTags.ts';

/** The attributes that an Enhanced MR image names beside those of other objects, by their keyword in PS3.6. */
export const E = {
  ...C,
  AnatomicRegionSequence: 0x00082218,
  SourceImageEvidenceSequence: 0x00089154,
  PixelPresentation: 0x00089205,
  VolumetricProperties: 0x00089206,
  VolumeBasedCalculationTechnique: 0x00089207,
  AcquisitionContrast: 0x00089209,
  ApplicableSafetyStandardAgency: 0x00189174,
  AcquisitionDateTime: 0x0008002a,
  ContrastBolusAgentSequence: 0x00180012,
  ContrastBolusAdministrationRouteSequence: 0x00180014,
  MREchoSequence: 0x00189114,
  MRDiffusionSequence: 0x00189117,
  MRAveragesSequence: 0x00189119,
  MRFOVGeometrySequence: 0x00189125,
  MRImageFrameTypeSequence: 0x00189226,
  ContrastBolusUsageSequence: 0x00189341,
  ResonantNucleus: 0x00189100,
  FrameAcquisitionDateTime: 0x00189074,
  InStackPositionNumber: 0x00209057,
  FrameAnatomySequence: 0x00209071,
  FrameLaterality: 0x00209072,
  RealWorldValueLastValueMapped: 0x00409211,
  RealWorldValueFirstValueMapped: 0x00409216,
} as const;
