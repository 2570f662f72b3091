import { createTheme } from '@mantine/core';

/**
 * Sizes and shapes that Mantine needs in JavaScript. Colours are CSS variables in `styles/theme.css`: the
 * content security policy forbids the style element that Mantine would write for them.
 */
export const theme = createTheme({
  defaultRadius: 'xs',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs' } },
    TextInput: { defaultProps: { size: 'xs' } },
    NativeSelect: { defaultProps: { size: 'xs' } },
    NumberInput: { defaultProps: { size: 'xs' } },
    Slider: { defaultProps: { size: 'sm' } },
    SegmentedControl: { defaultProps: { size: 'xs', transitionDuration: 0 } },
    Checkbox: { defaultProps: { size: 'xs' } },
    // Locking the page's scroll writes a style element; nothing scrolls behind a dialog here anyway.
    Modal: {
      defaultProps: {
        lockScroll: false,
        removeScrollProps: { enabled: false },
        transitionProps: { duration: 0 },
        centered: true,
        size: 'lg',
      },
    },
  },
});
