import { ImageOff } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { thumbnailKey, useThumbnails, wantThumbnail } from '../state/thumbnails.ts';
import { useIsSeen } from './useIsSeen.ts';

/**
 * The middle slice of a series, small, asked for when it comes into view. It only decorates: what it shows stands
 * in words beside it.
 */
export function Thumbnail(props: {
  readonly studyUid: string;
  readonly seriesUid: string;
  /** What the series was opened from, where the library may not have it. */
  readonly paths?: readonly string[];
}): ReactNode {
  const { studyUid, seriesUid, paths } = props;
  const place = useRef<HTMLSpanElement>(null);
  const isSeen = useIsSeen(place);
  const canvas = useRef<HTMLCanvasElement>(null);
  const made = useThumbnails((state) => state.made[thumbnailKey(studyUid, seriesUid)]);
  useEffect(() => {
    if (isSeen && made === undefined) wantThumbnail(studyUid, seriesUid, paths);
  }, [isSeen, made, studyUid, seriesUid, paths]);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!made || !context) return;
    const [columns, rows] = made.size;
    const image = context.createImageData(columns, rows);
    for (const [n, grey] of made.voxels.entries()) image.data.set([grey, grey, grey, 255], 4 * n);
    context.putImageData(image, 0, 0);
  }, [made]);
  return (
    <span ref={place} className="thumbnail" aria-hidden data-thumbnail={made ? 'made' : undefined}>
      {made === null && <ImageOff size={18} />}
      {made && <canvas ref={canvas} width={made.size[0]} height={made.size[1]} />}
    </span>
  );
}
