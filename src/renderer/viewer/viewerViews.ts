import { fetchedView } from '../components/fetchedView.tsx';

/** The viewer's code is large: it is fetched when there is time for it, or something to show. */
export const viewerView = fetchedView(() => import('./Viewer.tsx'));
export const alignStageView = fetchedView(() => import('../views/align/AlignStage.tsx'));
