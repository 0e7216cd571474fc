/** What a person has set, from the settings editor. No JupyterLab import. */
import { DEFAULT_SETTINGS, type Settings } from '../notebook/model';

const LEVELS: readonly unknown[] = ['error', 'warning', 'note', 'never'];

/** Returns the settings in what the registry holds; what is not usable is as by default. */
export function parseSettings(composite: Readonly<Record<string, unknown>>): Settings {
  const flag = (name: 'lift' | 'cellMarkers' | 'checkOnOpen'): boolean => {
    const value = composite[name];
    return typeof value === 'boolean' ? value : DEFAULT_SETTINGS[name];
  };
  const notify = composite.notify;
  return {
    lift: flag('lift'),
    cellMarkers: flag('cellMarkers'),
    checkOnOpen: flag('checkOnOpen'),
    notify: LEVELS.includes(notify) ? (notify as Settings['notify']) : DEFAULT_SETTINGS.notify
  };
}
