import { Type } from '@sinclair/typebox';

/** Of a person who watches pictures. */
export const WatcherRole = Type.Union([
  Type.Literal('viewer'),
  Type.Literal('operator'),
  Type.Literal('admin'),
]);

/** What of a picture may be seen. */
export const PictureMode = Type.Union([
  Type.Literal('plain'),
  Type.Literal('blurred'),
  Type.Literal('boxes'),
]);
