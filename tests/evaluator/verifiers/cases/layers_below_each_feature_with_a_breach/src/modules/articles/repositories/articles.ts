import { who } from '../../users/services/who.ts';

export const all = () => [who()];
