import type { Handler } from '../host/handler.ts';
import { destinationsFile, readDestinations, removeDestination, saveDestination } from './destinations.ts';
import { receivedFolder } from './incoming.ts';
import { openSecrets } from './openSecrets.ts';

/** The destinations that are set up. */
export const destinationsOperation: Handler<'pacsDestinations'> = async () => ({
  destinations: await readDestinations(),
  file: destinationsFile(),
  receivedFolder: receivedFolder(),
});

export const saveDestinationOperation: Handler<'pacsSaveDestination'> = async (request) => ({
  destinations: await saveDestination(request.destination, request.replaces),
  file: destinationsFile(),
  warnings: await openSecrets(request.destination),
});

export const removeDestinationOperation: Handler<'pacsRemoveDestination'> = async (request) => ({
  destinations: await removeDestination(request.name),
  file: destinationsFile(),
});
