export const helpText = {
  title: 'Shortcuts',
  open: 'Shortcuts (?)',
  mouse: 'Mouse',
  close: 'Close',
  rows: [
    ['Wheel', 'Scroll through the slices of the image under the pointer; the others follow'],
    ['Ctrl + wheel', 'Zoom'],
    ['Left drag', 'What the tool does; at first the window: right for wider, down for darker'],
    ['Middle drag', 'Pan'],
    ['Shift + left drag', 'Pan, for a mouse with two buttons'],
    ['Right drag', 'Zoom'],
    ['Ctrl + left drag', 'Move the crosshair'],
    ['Double click', 'This cell large, and back'],
  ] as readonly (readonly [string, string])[],
};
