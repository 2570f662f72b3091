import { type ReactNode, useEffect, useState } from 'react';
import { loadSegmentationModels } from '../../../state/contourActions.ts';
import { useContours } from '../../../state/contours.ts';
import { useApp } from '../../../state/store.ts';
import { text } from '../../../text.ts';
import { Section } from '../Section.tsx';
import { BrushControls } from './BrushControls.tsx';
import { ContourCurve } from './ContourCurve.tsx';
import { ContourDisplay } from './ContourDisplay.tsx';
import { ContourParts } from './ContourParts.tsx';
import { ContourTable } from './ContourTable.tsx';
import { ExportContours } from './ExportContours.tsx';
import { FindContours } from './FindContours.tsx';

/** What a segmentation network makes of the images of the pair: outlines, how they differ, corrections, files. */
export function ContourSection(): ReactNode {
  const hasOutlines = useContours(({ outlines }) => outlines.length > 0);
  // Who comes back to outlines finds them; those that come and go fold nothing.
  const [open] = useState(hasOutlines);
  return (
    <Section title={text.contours.title} open={open} lazy>
      <p className="notice notice-warn small">{text.contours.preview}</p>
      <Models />
      <FindContours />
      {hasOutlines && (
        <>
          <ContourDisplay />
          <ContourTable />
          <ContourCurve />
          <ContourParts />
          <BrushControls />
          <ExportContours />
        </>
      )}
    </Section>
  );
}

/** Asks for the models whenever the section is made: some may have been imported meanwhile. */
function Models(): ReactNode {
  const isReady = useApp((state) => state.connection === 'ready');
  useEffect(() => {
    if (isReady) void loadSegmentationModels();
  }, [isReady]);
  return null;
}
