/** Words of the Align screen. */

const mm = (value: number): string => `${Math.abs(value).toFixed(1)} mm`;
const degrees = (value: number): string => `${Math.abs(value).toFixed(1)}°`;
const percent = (share: number): string => `${Math.round(100 * share)} %`;

export const alignText = {
  intro:
    'Where the reference lies on the target decides what the network is told. Look at it before you enhance.',
  nothing: 'Open a study first.',
  noReference: 'There is no reference to align. Choose one under Pair, or enhance the target alone.',
  plane: (plane: string, slice: string, target: string, reference: string): string =>
    `${plane}, slice ${slice}: ${reference} laid over ${target}`,

  overlay: 'Overlay',
  overlays: { blend: 'Blend', checkerboard: 'Checks', swipe: 'Swipe', edges: 'Edges' },
  blend: 'Share of the reference',
  blendValue: percent,
  swipe: 'Border of the swipe, from the left',
  field: 'Size of a field',
  fieldValue: (value: number): string => `${value} mm`,
  edgesOf: 'Edges of',
  edgesOfTarget: 'the target, on the reference',
  edgesOfReference: 'the reference, on the target',
  coloured: 'Target and reference in two colours',

  verdictTitle: 'Verdict',
  verdicts: { trusted: 'Trusted', untrusted: 'Not to be trusted', none: 'Not judged' },
  placedBy: {
    scanner: 'As the scanner placed them',
    registration: 'Registered',
    refinement: 'Registered from a position set by hand',
    hand: 'Set by hand',
  },
  dropped:
    'An alignment of this pair was kept, but the files are not those that it was made on: they were changed or copied anew. It was dropped.',
  judging: 'Judging this position…',
  notJudged: 'This position has not been judged yet.',
  information: 'Mutual information',
  informationValue: (before: number | null, after: number | null): string =>
    `${before === null ? '–' : before.toFixed(2)} → ${after === null ? '–' : after.toFixed(2)} nats`,
  overlap: 'Overlap',
  overlapValue: (share: number): string => `${percent(share)} of the target covered`,
  turned: 'Reference turned',
  turnedWords: ([nod, tilt, turn]: readonly [number, number, number]): string => {
    const parts = [
      ...(Math.abs(nod) < 0.05 ? [] : [`nodded ${nod > 0 ? 'forward' : 'back'} by ${degrees(nod)}`]),
      ...(Math.abs(tilt) < 0.05 ? [] : [`tilted to the ${tilt > 0 ? 'left' : 'right'} by ${degrees(tilt)}`]),
      ...(Math.abs(turn) < 0.05 ? [] : [`turned to the ${turn > 0 ? 'left' : 'right'} by ${degrees(turn)}`]),
    ];
    return parts.length === 0 ? 'not at all' : parts.join(', ');
  },
  moved: 'Reference moved',
  movedWords: ([left, posterior, superior]: readonly [number, number, number]): string => {
    const parts = [
      ...(Math.abs(left) < 0.05 ? [] : [`${mm(left)} to the ${left > 0 ? 'left' : 'right'}`]),
      ...(Math.abs(posterior) < 0.05 ? [] : [`${mm(posterior)} ${posterior > 0 ? 'back' : 'forward'}`]),
      ...(Math.abs(superior) < 0.05 ? [] : [`${mm(superior)} ${superior > 0 ? 'up' : 'down'}`]),
    ];
    return parts.length === 0 ? 'not at all' : parts.join(', ');
  },

  curve: 'Agreement of each slice',
  curveHint:
    'Share of what one image tells that the other tells too. Click, or use the arrow keys, to go to a slice.',
  curveValue: (slice: number, total: number, agreement: number | null): string =>
    `Slice ${slice} of ${total}: ${agreement === null ? 'too little to compare' : percent(agreement)}`,
  outOfLine: (slices: readonly number[]): string =>
    `Clearly less than around ${slices.length === 1 ? 'it' : 'them'}: slice${slices.length === 1 ? '' : 's'} ${slices.join(', ')}. The patient may have moved between slices.`,

  adjust: 'Adjust by hand',
  adjustHint:
    'Drag a plane to move the reference in it, its ring to turn it. Arrow keys move it in the plane, Page Up and Page Down through it, comma and full stop turn it; with Shift, finely.',
  numbers: 'Position of the reference, about the centre of the target',
  axes: {
    left: 'Left, mm',
    posterior: 'Posterior, mm',
    superior: 'Superior, mm',
    nod: 'About R–L,\u00a0°',
    tilt: 'About A–P,\u00a0°',
    turn: 'About S–I,\u00a0°',
  },
  order: 'Turned about A–P first, then R–L, then S–I; then moved.',
  register: 'Register',
  registerHere: 'Register from here',
  reset: 'Scanner positions',
  undo: 'Undo',
  redo: 'Redo',

  accept: 'Accept and go on',
  acceptUntrusted: 'Accept all the same and go on',
  without: 'Go on without the reference',
  withoutNote: 'Then only models for single images are offered: no detail comes from the reference.',
  isWithout: 'You go on without the reference.',
  takeAgain: 'Use the reference after all',
  failed: 'Registering did not work',

  steps: { registered: 'Registration', reset: 'Scanner positions', moved: 'Moving the reference' },
  commands: {
    adjust: 'Adjust the reference by hand',
    overlay: (name: string): string => `Overlay: ${name}`,
    nextOverlay: 'Next overlay',
    move: { left: 'Move left', right: 'Move right', up: 'Move up', down: 'Move down' },
    near: 'Move towards you',
    far: 'Move away from you',
    counterClockwise: 'Turn counter-clockwise',
    clockwise: 'Turn clockwise',
    finely: (what: string): string => `${what}, finely`,
  },
};
