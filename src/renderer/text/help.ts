export const helpText = {
  title: 'Shortcuts',
  open: 'Shortcuts (?)',
  mouse: 'Mouse',
  close: 'Close',
  rows: [
    ['Wheel', 'Scroll through the slices of the image under the pointer; the others follow'],
    ['Left drag', 'Window: right for wider, down for darker'],
    ['Middle drag', 'Move'],
    ['Right drag', 'Zoom'],
    ['Shift + left drag', 'Move the crosshair'],
    ['Double click', 'This plane large, and back'],
  ] as readonly (readonly [string, string])[],
};
