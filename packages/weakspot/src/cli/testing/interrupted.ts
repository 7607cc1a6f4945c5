/** Options of trainings that tests interrupt: four epochs of three steps on 24 images. */
export const briefTraining =
  '--size 64 --epochs 4 --batch 8 --split 1:0 --threads 1 --no-cache --set network.classifier=[8]'.split(' ');
