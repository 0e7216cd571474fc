// Added to the configuration of the builder: how the bundle is made small.
const { rspack } = require('@rspack/core');

module.exports = {
  optimization: {
    minimizer: [
      new rspack.SwcJsMinimizerRspackPlugin({
        // Nothing here is called with `new` but classes
        minimizerOptions: { ecma: 2022, compress: { passes: 3, unsafe_arrows: true }, mangle: true }
      })
    ]
  }
};
