import type { ReactNode } from 'react';
import { Missing } from '../../components/Missing.tsx';
import { useApp } from '../../state/store.ts';
import { text } from '../../text.ts';
import { PicturesSection } from '../report/PicturesSection.tsx';
import { CineSection } from './CineSection.tsx';
import { CompareSection } from './CompareSection.tsx';
import { DisplaySection } from './DisplaySection.tsx';
import { LabelmapSection } from './LabelmapSection.tsx';
import { LayoutSection } from './LayoutSection.tsx';
import { MeasureSection } from './MeasureSection.tsx';
import { WindowSection } from './WindowSection.tsx';

/** How the images are laid out, shown, compared and measured. */
export function ReviewView(): ReactNode {
  const hasTarget = useApp((state) => state.targetUid !== null);
  if (!hasTarget) return <Missing>{text.review.nothing}</Missing>;
  return (
    <div className="panel-content">
      <LayoutSection />
      <CompareSection />
      <MeasureSection />
      <WindowSection />
      <DisplaySection />
      <CineSection />
      <LabelmapSection />
      <PicturesSection />
    </div>
  );
}
