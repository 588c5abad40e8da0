import { all } from '../repositories/articles.ts';
import { who } from '../../users/services/who.ts';

export const list = () => all().filter(who);
