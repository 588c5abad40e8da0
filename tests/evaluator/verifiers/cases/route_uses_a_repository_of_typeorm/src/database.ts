import { DataSource } from 'typeorm';
import { Article } from './models/article';

export const source = new DataSource({ type: 'postgres', host: 'postgres', entities: [Article] });
