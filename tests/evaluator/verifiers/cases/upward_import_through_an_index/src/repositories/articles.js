import { router } from '../core';

export const rows = () => [router];
