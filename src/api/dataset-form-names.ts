/** What tools that label and train read. Apart from the schemas, which the page does not need. */
export const datasetFormNames = ['coco', 'cvat', 'label-studio', 'fiftyone'] as const;
export type DatasetForm = (typeof datasetFormNames)[number];
