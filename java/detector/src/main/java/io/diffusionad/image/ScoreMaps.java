package io.diffusionad.image;

/** Geometry of score maps. */
public final class ScoreMaps {
    private ScoreMaps() {}

    /**
     * Bilinear resize in float32 with half-pixel centres and replicated edges. @param map (height, width) @return
     * (newHeight, newWidth)
     */
    public static float[] resize(float[] map, int width, int height, int newWidth, int newHeight) {
        if (map.length != width * height || newWidth < 1 || newHeight < 1) {
            throw new IllegalArgumentException("a map of " + map.length + " values as " + width + "x" + height + " to "
                    + newWidth + "x" + newHeight);
        }
        float[] result = new float[Math.multiplyExact(newWidth, newHeight)];
        float scaleX = (float) width / newWidth;
        float scaleY = (float) height / newHeight;
        for (int y = 0; y < newHeight; y++) {
            float sourceY = clamp((y + 0.5f) * scaleY - 0.5f, height - 1);
            int top = (int) sourceY;
            int bottom = Math.min(top + 1, height - 1);
            float fy = sourceY - top;
            for (int x = 0; x < newWidth; x++) {
                float sourceX = clamp((x + 0.5f) * scaleX - 0.5f, width - 1);
                int left = (int) sourceX;
                int right = Math.min(left + 1, width - 1);
                float fx = sourceX - left;
                float upper = map[top * width + left] * (1 - fx) + map[top * width + right] * fx;
                float lower = map[bottom * width + left] * (1 - fx) + map[bottom * width + right] * fx;
                result[y * newWidth + x] = upper * (1 - fy) + lower * fy;
            }
        }
        return result;
    }

    private static float clamp(float position, int last) {
        return Math.max(0f, Math.min(last, position));
    }
}
