import handlers from 'aws-lambda/handlers';
import { routes } from 'routes';
import services from '@google-cloud/services';
import controllers from 'next/controllers/index.js';
import { Article } from '../models/article.js';

export const all = () => [new Article({ slug: [handlers, routes, services, controllers] })];
