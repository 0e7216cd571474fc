/**
 * What JSX becomes. Under names of our own a minifier shortens them, which takes 3 kB off the bundle.
 */
import * as React from 'react';

export const h = React.createElement;
export const Fragment = React.Fragment;
