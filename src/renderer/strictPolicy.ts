import { config } from 'zod';

/**
 * The page's content security policy forbids making code from text. zod would try whether it may, which counts as
 * a violation even though it then does without. Imported before everything that parses.
 */
config({ jitless: true });
