export declare class Articles {}
