/**
 * Clean Descriptors by a list of what is allowed: words of MR physics, anatomy and reading rooms stay, small
 * numbers stay, and everything else goes. A name that nobody thought of cannot be on the list.
 */
const WORDS = new Set(
  `
  mr mri mrt mra mrv mrs nmr t t1 t2 t1w t2w t2star t1c t2s pd pdw dp flair stir tirm swi swan gre ge se fse tse ir
  fir tfe ffe tfl spgr fspgr bravo space cube vista mprage mp2rage ciss fiesta haste vibe thrive dess epi dwi dti adc
  trace fa asl cbf dsc dce perf perfusion diffusion bold fmri tof pc phase contrast venc mip mpr recon reformat
  fat sat fs fatsat supp suppressed nonfs spair spir dixon water in out opp opposed inphase inv inversion recovery
  gd gad post pre with without contrast cm km iv native nativ enhanced enhancement
  ax axial tra trans transverse sag sagittal cor coronal obl oblique dbl double plane planes
  scout loc localizer localiser survey calib calibration ref reference sense asset grappa
  2d 3d 4d iso isotropic thin thick slice slices slab stack hr hires lr res high low fast quick short long dark
  fluid black blood whole total half
  head brain skull cranium cerebrum cerebellum pituitary sella orbit orbits iac temporal lobe lobes hippocampus
  hippocampi neck face sinus sinuses jaw tmj spine cervical thoracic lumbar sacral sacrum cord disc discs hws bws lws
  shoulder elbow wrist hand finger hip pelvis knee ankle foot leg arm thigh calf femur tibia humerus thorax chest
  heart cardiac breast mamma abdomen liver kidney kidneys pancreas spleen bowel prostate uterus rectum bladder
  left right bilateral li re lt rt ant anterior posterior lateral medial sup superior inferior upper lower
  lesion lesions tumor tumour glioma metastasis metastases oedema edema necrosis stroke ischemia ischaemia infarct
  haemorrhage hemorrhage bleed aneurysm epilepsy ms sclerosis multiple dementia trauma infection cyst abscess
  gray grey white matter ventricle ventricles seg segmentation map maps mask
  study series exam examination protocol routine standard default follow up followup baseline control screening
  limited complete repeat rpt motion corrected uncorrected magnitude real imaginary mag pha im
  and or of the for to from by on at no not non plus minus
  mm cm ms s sec min deg tr te ti etl nex nsa fov matrix gap bw hz khz mhz tesla b p x avg average mean std min max
  ruo tandem super resolution guided single image images volume volumes report measurement measurements registration
  rigid zero filled srcnn vdsr edsr sanet minet glmamba deform mamba iconet folded
  phantom quality qa qc test acr
`
    .trim()
    .split(/\s+/),
);

/** A number of up to three digits, alone or with what stands before and behind it in protocols. */
const SMALL_NUMBER = /^(?:[xbp]|tr|te|ti|fa|etl|nex|nsa)?\d{1,3}(?:mm|cm|ms|s|deg|t|w|d|ch|x|b)?$/;
const BVALUE = /^b\d{1,4}$/;
/** Small numbers in a row may be a date or a telephone number: more digits than this go, all of them. */
const MOST_DIGITS_IN_A_ROW = 4;

/**
 * What is left of a text by the list; '' where nothing is.
 * @param text one character a byte: letters beyond ASCII are never kept.
 */
export function cleanText(text: string): string {
  const parts = text.match(/[A-Za-z0-9]+|[^A-Za-z0-9]+/g) ?? [];
  const isNumber = (part: string | undefined) => part !== undefined && /^\d+$/.test(part);
  const kept = parts.map((part, n) => {
    if (!/[A-Za-z0-9]/.test(part)) return part.replaceAll(/[^\x20-\x7e]/g, '');
    if (isNumber(part) && digitsAround(parts, n) > MOST_DIGITS_IN_A_ROW) return '';
    const word = part.toLowerCase();
    return WORDS.has(word) || SMALL_NUMBER.test(word) || BVALUE.test(word) ? part : '';
  });
  const tidy = kept
    .join('')
    .split('\\')
    .map((value) =>
      value
        .replaceAll(/([^A-Za-z0-9)\]])\1+/g, '$1')
        .replaceAll(/^[\s.,;:^=_/+*-]+|[\s.,;:^=_/+*([-]+$/g, ''),
    )
    .join('\\');
  return /[A-Za-z0-9]/.test(tidy) ? tidy : '';
}

/** Digits of the run of plain numbers, with only signs between them, that part `n` is in. */
function digitsAround(parts: readonly string[], n: number): number {
  let digits = parts[n]!.length;
  for (const step of [-2, 2]) {
    for (let at = n + step; at >= 0 && at < parts.length && /^\d+$/.test(parts[at]!); at += step) {
      digits += parts[at]!.length;
    }
  }
  return digits;
}
