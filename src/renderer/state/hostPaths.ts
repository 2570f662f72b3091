/** Paths of the workstation's machine, which may be another one than the window's: they are told by their looks. */

/** A name within a folder, by the separator that the folder's path has. */
export function joinPath(folder: string, name: string): string {
  const separator = folder.includes('\\') && !folder.includes('/') ? '\\' : '/';
  return `${folder.replace(/[\\/]+$/, '')}${separator}${name}`;
}

/** The last part of a path; '' where there is none. */
export function lastName(path: string): string {
  return (
    path
      .trim()
      .replace(/[\\/]+$/, '')
      .split(/[\\/]/)
      .at(-1) ?? ''
  );
}

/** The folder that holds a path; undefined where the path does not say. */
export function folderAbove(path: string): string | undefined {
  const above = path.trim().replace(/[\\/]+[^\\/]*[\\/]*$/, '');
  return above === '' || above === path.trim() ? undefined : above;
}
