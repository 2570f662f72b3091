import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react';
import type { DisplayWindow } from '../state/view.ts';
import { cornerstoneCamera, type ViewCamera } from './camera.ts';
import { createViewport, type ViewportHandle } from './engine.ts';

interface PictureLayerProps {
  /** Unique in the window. */
  readonly id: string;
  /** Undefined: nothing to show (yet). */
  readonly volumeKey: string | undefined;
  readonly camera: ViewCamera | undefined;
  readonly window: DisplayWindow | undefined;
  readonly colours: Uint8Array;
  readonly smooth: boolean;
  readonly style?: CSSProperties | undefined;
  /** Which of two compared images it is. */
  readonly part?: 'second' | undefined;
}

/** One image, drawn by the engine; several lie over each other where two are compared. */
export function PictureLayer(props: PictureLayerProps): ReactNode {
  const { id, volumeKey, camera, window, colours, smooth, style, part } = props;
  const picture = useRef<HTMLDivElement>(null);
  const handle = useRef<ViewportHandle | undefined>(undefined);

  useEffect(() => {
    const element = picture.current;
    if (element === null) return;
    const viewport = createViewport(id, element);
    handle.current = viewport;
    const observer = new ResizeObserver(() => viewport.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      viewport.destroy();
      handle.current = undefined;
    };
  }, [id]);

  useEffect(() => {
    if (camera === undefined || volumeKey === undefined || window === undefined) {
      handle.current?.show(undefined);
      return;
    }
    handle.current?.show({
      key: volumeKey,
      camera: cornerstoneCamera(camera),
      lower: window.center - window.width / 2,
      upper: window.center + window.width / 2,
      colours,
      smooth,
    });
  });

  return <div ref={picture} className="picture" style={style} data-part={part} aria-hidden />;
}
