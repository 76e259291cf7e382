// A network of one's own: cifar train --model examples/net.mjs --augment normal --epochs 20
export default ({ tf, imageShape, classes, seed }) => {
  const start = { kernelInitializer: tf.initializers.heNormal({ seed }), padding: 'same', useBias: false };
  const images = tf.input({ shape: imageShape });
  const block = (x, filters) => {
    const y = tf.layers.conv2d({ ...start, filters, kernelSize: 3 }).apply(x);
    const z = tf.layers.activation({ activation: 'relu' }).apply(tf.layers.batchNormalization().apply(y));
    return tf.layers.maxPooling2d({ poolSize: 2 }).apply(z);
  };
  let x = block(block(images, 32), 64);
  const side = tf.layers.conv2d({ ...start, filters: 64, kernelSize: 3, activation: 'relu' }).apply(x);
  x = tf.layers.add().apply([x, side]);
  x = tf.layers.dropout({ rate: 0.2 }).apply(block(x, 128));
  x = tf.layers.globalAveragePooling2d({}).apply(x);
  const answers = tf.layers.dense({ units: classes, activation: 'softmax' }).apply(x);
  return tf.model({ inputs: images, outputs: answers });
};
