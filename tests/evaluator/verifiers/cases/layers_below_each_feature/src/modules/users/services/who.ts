import { find } from '../repositories/users.ts';

export const who = () => find();
