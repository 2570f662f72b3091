/** Losses: functions of tensors that give a scalar. */
export { contrastiveEdgeLoss } from './contrastiveEdge.ts';
export { binaryCrossEntropyLoss, crossEntropyLoss, oneHot } from './crossEntropy.ts';
export { diceLoss } from './dice.ts';
export { l1Loss, mseLoss } from './pixelwise.ts';
export { ssim, ssimLoss } from './ssim.ts';
